import { dataProgram } from './program';
import { reportFault } from './report-fault';

// npm run data -- download|verify|standardise|describe|synthetic ...
const stop = new AbortController();
const SAME_MS = 1000; // a Ctrl-C comes up to three times: from the terminal, from npm, from the script that npm runs
let asked = 0;
let stopped: number | undefined; // the exit code of the signal that came first
for (const [name, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) {
  process.on(name, () => {
    if (stopped === undefined) asked = performance.now();
    else if (performance.now() - asked > SAME_MS) process.exit(128 + number);
    stopped ??= 128 + number;
    stop.abort();
  });
}

dataProgram({ signal: stop.signal })
  .parseAsync()
  .catch((fault: unknown) => {
    const code = reportFault(fault, stop.signal);
    process.exitCode = stopped ?? code;
  });
