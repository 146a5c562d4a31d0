import { dataProgram } from './program';
import { reportFault } from './report-fault';

// npm run data -- download|verify|standardise|describe|synthetic ...
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

dataProgram({ signal: stop.signal })
  .parseAsync()
  .catch((fault: unknown) => {
    process.exitCode = reportFault(fault, stop.signal);
  });
