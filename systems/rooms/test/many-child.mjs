/**
 * So many clients in one process, which a test may stop (SIGSTOP): then its sockets stay, and nobody answers. `URL PLAIN IO POLLING`: of
 * `/ws`, of Socket.IO over WebSocket, and by polling; bare ones, that say what the protocols ask for and no more.
 */
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';

const [, , url, plain, io, polling] = process.argv;
const all = Number(plain) + Number(io) + Number(polling);
const ENGINE = '/socket.io/?EIO=4&transport=';
const JOIN = '42["join-room","crowd"]';
let joined = 0;
const join = () => {
  joined += 1;
  if (joined === all) process.stdout.write('ready\n');
};
const complain = (error) => process.stderr.write(`${error.message}\n`);

for (let n = 0; n < Number(plain); n += 1) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  socket.on('error', complain);
  socket.on('message', (data) => {
    const { type } = JSON.parse(String(data));
    if (type === 'welcome') socket.send('{"type":"join-room","room":"crowd"}');
    if (type === 'room-joined') join();
  });
}

/** What a client of Socket.IO says to a packet. */
function answerTo(packet) {
  if (packet.startsWith('0')) return '40';
  if (packet.startsWith('40')) return JOIN;
  if (packet === '2') return '3';
  if (packet.startsWith('42["room-joined"')) join();
  return undefined;
}

for (let n = 0; n < Number(io); n += 1) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${ENGINE}websocket`);
  socket.on('error', complain);
  socket.on('message', (data) => {
    const answer = answerTo(String(data));
    if (answer !== undefined) socket.send(answer);
  });
}

const agent = new Agent({ keepAlive: true });

function ask(path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'text/plain', 'Content-Length': body.length };
    const req = request(url + path, { agent, method: body === undefined ? 'GET' : 'POST', headers }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => (res.statusCode === 200 ? resolve(text) : reject(new Error(`${res.statusCode} ${text}`))));
    });
    req.on('error', reject).end(body);
  });
}

async function poll() {
  const first = await ask(`${ENGINE}polling`);
  const path = `${ENGINE}polling&sid=${JSON.parse(first.slice(1)).sid}`;
  for (let packets = [first]; ; packets = (await ask(path)).split('\u001e')) {
    const answers = packets.map(answerTo).filter((answer) => answer !== undefined);
    if (answers.length > 0) await ask(path, answers.join('\u001e'));
  }
}
for (let n = 0; n < Number(polling); n += 1) poll().catch(complain);
