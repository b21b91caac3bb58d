/** The load client's process: one job as JSON in its argument, one result as JSON on its output. Ends by itself, always. */
import { closedLoop } from './closed-loop.mjs';
import { idle } from './idle.mjs';
import { openLoop } from './open-loop.mjs';
import { recovery } from './recovery.mjs';
import { storm } from './storm.mjs';

const modes = { closed: closedLoop, open: openLoop, storm, idle, recovery };
const job = JSON.parse(process.argv[2] ?? '{}');

function finish(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

function fail(reason) {
  finish({ error: reason instanceof Error ? reason.message : String(reason) });
}

setTimeout(() => fail(`not done after ${job.deadlineMs} ms`), job.deadlineMs);
process.on('uncaughtException', fail);
modes[job.mode](job, fail).then(finish, fail);
