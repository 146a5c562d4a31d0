// Holds back what is written to file descriptor 2 while TensorFlow's library loads, for Node through Node-API.
//
// TensorFlow 2.21 logs two lines from its static initialisers ("oneDNN custom operations are on ..."), before it reads
// TF_CPP_MIN_LOG_LEVEL, and Node has no dup2. close() sends descriptor 2 to an unnamed temporary file; open() puts it
// back and returns what was written meanwhile, so that the caller can print all that is not chatter.

#include <fcntl.h>
#include <node_api.h>
#include <stdio.h>
#include <unistd.h>

#include <string>

static int kept = -1;        // the real stderr while the gate is closed
static FILE *held = nullptr; // what is written meanwhile

static napi_value Close(napi_env env, napi_callback_info) {
  napi_value closed;
  if (kept < 0 && (held = tmpfile()) != nullptr) {
    kept = fcntl(2, F_DUPFD_CLOEXEC, 3);
    if (kept < 0 || dup2(fileno(held), 2) < 0) {
      if (kept >= 0) close(kept);
      kept = -1;
      fclose(held);
    }
  }
  napi_get_boolean(env, kept >= 0, &closed);
  return closed;
}

static napi_value Open(napi_env env, napi_callback_info) {
  std::string text;
  if (kept >= 0) {
    dup2(kept, 2);
    close(kept);
    kept = -1;
    char part[4096];
    rewind(held);
    for (size_t n; (n = fread(part, 1, sizeof part, held)) > 0;) text.append(part, n);
    fclose(held);
  }
  napi_value result;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

static napi_value Init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "close", NAPI_AUTO_LENGTH, Close, nullptr, &function);
  napi_set_named_property(env, exports, "close", function);
  napi_create_function(env, "open", NAPI_AUTO_LENGTH, Open, nullptr, &function);
  napi_set_named_property(env, exports, "open", function);
  return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
