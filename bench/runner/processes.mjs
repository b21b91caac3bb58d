/** Starts the servers and the load client, each pinned to a core where the system can, and ends what it started. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOAD_CLIENT = fileURLToPath(new URL('../load/main.mjs', import.meta.url));
const READY_MS = 10_000;
const STOP_MS = 5000;
const SETTLE_MS = 200;
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;
const SERVER_CPU = '0';
const CLIENT_CPU = '1';

const NICE = -10;

const running = new Set();

/** Starts a peer on a free port, in a folder of its own, and waits until it takes connections. */
export async function startServer(peer, command = peer.command) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'fanfare-bench-'));
  const fill = (text) => text.replaceAll('{port}', String(port)).replaceAll('{folder}', folder);
  for (const [name, source] of Object.entries(peer.files ?? {})) {
    writeFileSync(join(folder, name), fill(readFileSync(source, 'utf8')));
  }
  mkdirSync(join(folder, 'data'));
  const env = Object.fromEntries(Object.entries(peer.env ?? {}).map(([name, value]) => [name, fill(value)]));
  const child = launch(SERVER_CPU, command.map(fill), env);
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(port, child);
    // nginx listens before it starts its worker.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, pids: withDescendants(child.pid), stop };
}

/** What else the machine does stands behind what is started from here on, where that is allowed. Says whether it is. */
export function goFirst() {
  try {
    setPriority(NICE);
    return true;
  } catch {
    return false;
  }
}

/** Runs one job; what comes back is a result, or `{ error }`. */
export function runLoad(job) {
  return collect(CLIENT_CPU, [process.execPath, LOAD_CLIENT, JSON.stringify(job)], job.deadlineMs + 2000);
}

/** Runs a job within a server's own process. */
export async function runInProcess(job) {
  const folder = mkdtempSync(join(tmpdir(), 'fanfare-bench-'));
  const script = fileURLToPath(new URL('../servers/fanfare-in-process.mjs', import.meta.url));
  try {
    const text = JSON.stringify({ ...job, folder });
    return await collect(SERVER_CPU, [process.execPath, script, text], job.deadlineMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ends everything that is still running; for when the run is interrupted. */
export async function endAll() {
  await Promise.all([...running].map(end));
}

function launch(cpu, command, env = {}, stdio = ['ignore', 'ignore', 'ignore']) {
  const [file, ...args] = canPin ? ['taskset', '-c', cpu, ...command] : command;
  const child = spawn(file, args, { stdio, env: { ...process.env, ...env } });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

function collect(cpu, command, deadlineMs) {
  const child = launch(cpu, command, {}, ['ignore', 'pipe', 'pipe']);
  let output = '';
  let errors = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (errors += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  return new Promise((resolve) => {
    child.once('close', () => {
      clearTimeout(timer);
      resolve(parsed(output) ?? { error: errors.slice(-300) || 'it gave no result' });
    });
  });
}

function parsed(output) {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

async function ready(port, child) {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`the server took no connection within ${READY_MS} ms`);
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A server may have workers, as nginx has. Where there is no /proc, the process alone. */
function withDescendants(pid) {
  const all = [pid];
  for (const one of all) {
    try {
      const children = readFileSync(`/proc/${one}/task/${one}/children`, 'latin1').trim();
      if (children !== '') all.push(...children.split(' ').map(Number));
    } catch {
      // No /proc, or it has gone.
    }
  }
  return all;
}
