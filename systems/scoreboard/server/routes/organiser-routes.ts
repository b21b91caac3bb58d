/** The organiser's paths: courts, devices, audit log, live connections. */
import { type Exchange, fail, networkOf, RateLimiter, Router, refuseField, tooMany } from 'fanfare/http';
import { newId } from '../courts.ts';
import { refuse } from '../errors.ts';
import { watches } from '../live.ts';
import type { ScoreboardParts } from '../parts.ts';
import { readCourt, readDevice } from '../requests.ts';
import { deviceCookie, newDeviceToken } from '../sessions.ts';
import type { Device, DeviceStatus } from '../store/device-store.ts';

export function organiserRoutes(parts: ScoreboardParts): Router {
  return new Router().use(courtOffice(parts)).use(deviceOffice(parts)).use(oversight(parts));
}

function courtOffice({ courts, sessions }: ScoreboardParts): Router {
  return new Router()
    .get('/api/courts', async (exchange) =>
      exchange.send(200, { items: courts.list(await sessions.isAdmin(exchange)) }),
    )
    .get('/api/courts/{courtId}', async (exchange) => {
      const withPin = await sessions.isAdmin(exchange);
      exchange.send(200, courts.show(exchange.param('courtId'), withPin));
    })
    .post('/api/courts', async (exchange) => {
      const actor = await sessions.admin(exchange);
      exchange.send(201, await courts.create(await readCourt(exchange), actor));
    })
    .patch('/api/courts/{courtId}', async (exchange) => {
      const actor = await sessions.admin(exchange);
      exchange.send(200, await courts.change(exchange.param('courtId'), await readCourt(exchange), actor));
    });
}

function deviceOffice({ live, store, sessions, now, monotonic }: ScoreboardParts): Router {
  /** Anyone may ask; nobody may fill the organiser's list. */
  const requests = new RateLimiter({ burst: 10, perSecond: 1 / 30, now: monotonic });

  const decide = (status: DeviceStatus, action: string) => async (exchange: Exchange) => {
    const actor = await sessions.admin(exchange);
    const id = exchange.param('id');
    const device = await live.transaction(() => {
      const found = store.devices.find(id) ?? refuse('DEVICE_NOT_FOUND');
      store.devices.setStatus(id, status);
      const details = { name: found.name, before: found.status };
      store.audit.write({ at: now(), actor: actor.id, action, target: `device:${id}`, details });
      return { ...found, status };
    });
    exchange.send(200, device);
  };

  return new Router()
    .post('/api/devices', async (exchange) => {
      const verdict = requests.take(networkOf(exchange.address));
      if (!verdict.allowed) throw tooMany(verdict.retryAfterMs);
      const { name } = await readDevice(exchange);
      const device: Device = { id: newId('device'), name, status: 'pending', createdAt: now() };
      const token = newDeviceToken();
      await live.transaction(() => {
        store.devices.insert(device, token);
        const entry = { at: device.createdAt, actor: `device:${device.id}`, action: 'device-request' };
        store.audit.write({ ...entry, target: `device:${device.id}`, details: { name, address: exchange.address } });
      });
      exchange.send(201, { ...device, token }, { 'Set-Cookie': deviceCookie(token, exchange) });
    })
    .get('/api/devices/me', async (exchange) => exchange.send(200, await sessions.ownDevice(exchange)))
    .get('/api/devices', async (exchange) => {
      await sessions.admin(exchange);
      exchange.send(200, { items: store.devices.all() });
    })
    .post('/api/devices/{id}/verify', decide('verified', 'device-verify'))
    .post('/api/devices/{id}/block', decide('blocked', 'device-block'));
}

function oversight({ live, store, sessions, now }: ScoreboardParts): Router {
  return new Router()
    .get('/api/audit', async (exchange) => {
      await sessions.admin(exchange);
      const limit = wholeNumber(exchange, { name: 'limit', fallback: 100, max: 500 });
      const before = wholeNumber(exchange, {
        name: 'before',
        fallback: Number.MAX_SAFE_INTEGER,
        max: Number.MAX_SAFE_INTEGER,
      });
      const items = store.audit.page(before, limit);
      exchange.send(200, { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) });
    })
    .get('/api/sse/connections', async (exchange) => {
      await sessions.admin(exchange);
      exchange.send(200, { items: [...live.connections()] });
    })
    .delete('/api/sse/connections', async (exchange) => {
      const actor = await sessions.admin(exchange);
      const resource = exchange.url.searchParams.get('resource') ?? fail('FIELD_MISSING', { field: 'resource' });
      const closed = live.disconnect(watches(resource));
      await live.transaction(() => {
        const entry = { at: now(), actor: actor.id, action: 'disconnect', target: `channel:${resource}` };
        store.audit.write({ ...entry, details: { closed } });
      });
      exchange.send(200, { resource, closed });
    });
}

function wholeNumber(
  exchange: Exchange,
  query: { readonly name: string; readonly fallback: number; readonly max: number },
): number {
  const text = exchange.url.searchParams.get(query.name);
  if (text === null) return query.fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  const expected = `1..${query.max}`;
  return value >= 1 && value <= query.max ? value : refuseField(query.name, expected, text);
}
