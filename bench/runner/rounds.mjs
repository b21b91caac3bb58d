/** The interleaved rounds: every server meets every load in every round, each time fresh and in another order. */
import { peers } from '../peers.mjs';
import { scenarios } from '../scenarios.mjs';
import { runInProcess, runLoad, startServer } from './processes.mjs';

/** Of one run beyond its load: bounded, whatever a server does. */
const DEADLINE_MS = 40_000;

/** Calls `onRun` with `{ round, scenario, peer, wire, result }` for each run, in order. */
export async function runRounds({ rounds, names, entries, times, onRun }) {
  for (let round = 0; round < rounds; round += 1) {
    for (const scenario of names) {
      for (let turn = 0; turn < entries.length; turn += 1) {
        const { peer, wire } = entries[(turn + round) % entries.length];
        const result = await runOne({ peer, wire, scenario, times });
        if (result !== undefined) onRun({ round, scenario, peer, wire, result });
      }
    }
  }
}

/** undefined: this server has not what the load needs, or it says nothing about this wire. */
async function runOne({ peer, wire, scenario, times }) {
  const { job: load } = scenarios[scenario];
  const { inProcess, wires } = peers[peer];
  const job = { payloadBytes: 128, ...times, ...load, deadlineMs: times.warmupMs + times.durationMs + DEADLINE_MS };
  if (job.mode === 'in-process') {
    return wire === firstWire(peer) && inProcess ? runInProcess({ ...job, ...inProcess }) : undefined;
  }
  // Without subscribers the wire makes no difference.
  if (job.subscribers === 0 && wire !== firstWire(peer)) return undefined;
  const plan = wires[wire];
  if (job.needs !== undefined && plan[job.needs] === undefined) return undefined;
  return measure(peers[peer], job, plan, wire);
}

async function measure(peer, job, plan, wire) {
  const resume = job.needs === 'resume' ? plan.resume : undefined;
  let server;
  try {
    server = await startServer(peer, resume?.command);
  } catch (error) {
    return { error: error.message };
  }
  try {
    const { subscribe, publish } = {
      ...plan,
      ...(job.needs === 'batch' ? { publish: plan.batch } : {}),
      ...resume?.first,
    };
    const { port, pids } = server;
    return await runLoad({
      ...job,
      serverPids: pids,
      subscribe: { ...subscribe, port, wire },
      publish: { ...publish, port },
      resume,
    });
  } finally {
    await server.stop();
  }
}

function firstWire(peer) {
  return Object.keys(peers[peer].wires)[0];
}
