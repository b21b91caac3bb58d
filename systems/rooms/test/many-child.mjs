/** So many plain clients in one process, which a test may stop (SIGSTOP): then its sockets stay, and nobody answers. */
import { WebSocket } from 'ws';

const [, , url, count] = process.argv;
let welcomed = 0;
for (let n = 0; n < Number(count); n += 1) {
  const socket = new WebSocket(url);
  socket.on('error', (error) => process.stderr.write(`${error.message}\n`));
  socket.once('message', () => {
    welcomed += 1;
    socket.send('{"type":"join-room","room":"crowd"}');
    if (welcomed === Number(count)) process.stdout.write('ready\n');
  });
}
