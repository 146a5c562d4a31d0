import { dataProgram } from './program';
import { reportFault } from './report-fault';

// npm run data -- download|verify|standardise|describe|synthetic ...
const stop = new AbortController();
const SAME_MS = 1000; // a Ctrl-C comes up to three times: from the terminal, from npm, from the script that npm runs
let asked = 0;
for (const [name, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) {
  process.on(name, () => {
    if (!stop.signal.aborted) asked = performance.now();
    else if (performance.now() - asked > SAME_MS) process.exit(128 + number);
    stop.abort();
  });
}

dataProgram({ signal: stop.signal })
  .parseAsync()
  .catch((fault: unknown) => {
    process.exitCode = reportFault(fault, stop.signal);
  });
