// Starts two children and puts none away: one runs, and one is stopped where it stands.
import { spawn } from 'node:child_process';
import { endsWithUs } from '@fanfare/testkit';

const [runs, isPaused] = [1, 2].map(() => endsWithUs(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])));
isPaused.kill('SIGSTOP');
process.once('message', () => process.exit(0));
process.send([runs.pid, isPaused.pid]);
