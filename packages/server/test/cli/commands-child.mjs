// Runs the commands of `fanfare` one after the other, each with a folder, an environment and an output of its own.
import { format } from 'node:util';
import { runCli } from '../../dist/cli/run-cli.js';

process.on('message', async ({ folder, env, args }) => {
  const texts = { out: '', err: '' };
  console.log = (...words) => {
    texts.out += `${format(...words)}\n`;
  };
  console.error = (...words) => {
    texts.err += `${format(...words)}\n`;
  };
  process.chdir(folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  // As for a process of its own: what nobody catches is said, and fails.
  const code = await runCli(args).catch((error) => {
    texts.err += `${format(error)}\n`;
    return 1;
  });
  process.send({ code, ...texts });
});
