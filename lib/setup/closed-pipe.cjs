// Ends a command whose reader has had enough, as in `npm run doctor | head -3`, in place of Node's stack trace.

process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
