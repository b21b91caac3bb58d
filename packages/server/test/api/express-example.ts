import { createServer } from 'node:http';
import express from 'express';
import { createFanfare, FanfareError, log, memory, state } from 'fanfare';
import { z } from 'zod';

const Score = z.object({ points: z.tuple([z.int(), z.int()]) });
const Message = z.object({ from: z.string(), text: z.string().max(2000) });

export const live = createFanfare({
  engine: memory(), // sqlite('data/fanfare.db') keeps events over a restart
  channels: {
    'court:{pin}': state({ schema: Score, minIntervalMs: 50, access: 'public' }),
    'chat:{room}': log({ events: { said: Message }, keep: { days: 30 }, access: 'public' }),
  },
});

const app = express();
app.use(live.handler);
app.post('/chat/:room', express.json(), async (req, res) => {
  try {
    res.json(await live.channel(`chat:${req.params.room}`).publish('said', req.body));
  } catch (error) {
    if (!(error instanceof FanfareError)) throw error;
    res.status(error.status).json({ error: { code: error.code, message: error.message } });
  }
});

export const server = createServer(app).listen(Number(process.env['PORT'] ?? 3001), '127.0.0.1');
