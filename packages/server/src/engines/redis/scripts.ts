/** What Redis does in one step each: Lua, loaded on every connection and called by its digest. */
import { createHash } from 'node:crypto';
import type { RedisClient } from './driver.ts';

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

const COMMON = `
-- Lua writes numbers from 1e15 on with an exponent.
local function text(number) return string.format('%.0f', number) end

local function clock(given)
  if given ~= '' then return math.floor(tonumber(given)) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function begin_epoch(history, run, nonce)
  local time = redis.call('TIME')
  local epoch = string.sub(redis.sha1hex(nonce .. ' ' .. time[1] .. ' ' .. time[2]), 1, 12)
  redis.call('HSET', history, 'epoch', epoch, 'run', run)
  return epoch
end

-- Missing after FLUSHALL, or in a Redis that forgot: what comes is another history.
local function current_epoch(history, run, nonce)
  return redis.call('HGET', history, 'epoch') or begin_epoch(history, run, nonce)
end

local function time_of(entry) return tonumber(string.match(entry, '^%d+')) end

-- The events of a list that ends at the offset last, from an offset on, as {offset, entry, ...}
local function logged(log, last, from, limit)
  local first = last - redis.call('LLEN', log) + 1
  from = math.max(from, first)
  local found = {}
  for index, entry in ipairs(redis.call('LRANGE', log, from - first, from - first + limit - 1)) do
    found[#found + 1] = text(from + index - 1)
    found[#found + 1] = entry
  end
  return found
end

-- The newest values set after an offset, as {offset, entry, ...}
local function newest(order, values, after, limit)
  local ranked = redis.call('ZRANGEBYSCORE', order, '(' .. text(after), '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
  local found = {}
  for first = 1, #ranked, 1000 do
    local keys = {}
    for at = first, math.min(first + 999, #ranked), 2 do keys[#keys + 1] = ranked[at] end
    for index, entry in ipairs(redis.call('HMGET', values, unpack(keys))) do
      found[#found + 1] = ranked[first + index * 2 - 1]
      found[#found + 1] = entry
    end
  end
  return found
end
`;

/**
 * On a new connection. Another run of Redis may have lost what the run before it answered for: then the epoch changes, and
 * what is left goes on under a new one.
 */
const OPEN = `
local history, probe = KEYS[1], ARGV[1]
local run, keeps, was_promoted, nonce = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
redis.call('PUBLISH', probe, '')
local mark = run .. ':' .. keeps
local known = redis.call('HMGET', history, 'epoch', 'run')
local same = known[2] and string.sub(known[2], 1, #run + 1) == run .. ':'
local whole = known[2] and string.sub(known[2], -2) == ':1' and was_promoted == '0'
if not known[1] or not (same or whole) then return begin_epoch(history, mark, nonce) end
redis.call('HSET', history, 'run', mark)
return known[1]
`;

/**
 * Where an error is possible, it comes before the first thing that is stored: what is refused left nothing behind. The first write
 * is one that full memory refuses; after another kind, Redis would let the rest of the script pass.
 */
const APPEND = `
local history, head_key, log, order, values, seen, seen_order = unpack(KEYS)
local run, nonce, given, live, body, kind, key, count, age, idem, idem_count, idem_age = unpack(ARGV)
local time = clock(given)
local epoch = current_epoch(history, run, nonce)

if idem ~= '' then
  local first = redis.call('HGET', seen, idem)
  if first and tonumber(string.match(first, '%d+$')) >= time - idem_age then
    return {epoch, tonumber(string.match(first, '^%d+')), time, 1}
  end
end

local known = redis.call('HMGET', head_key, 'head', 'epoch', 'logged', 'age')
local before = tonumber(known[1]) or 0
local offset = before + 1
local id = text(offset)
local entry = text(time) .. '\\n' .. body
-- Events, and nobody knows how many: somebody removed the head. Their offsets must not be given again.
if before == 0 and redis.call('EXISTS', log, order, values) > 0 then
  redis.call('DEL', log, order, values)
  epoch = begin_epoch(history, run, nonce)
end

if kind == 'window' then
  -- The channel was of another kind in between: what lies before is no longer contiguous.
  if known[3] ~= known[1] then redis.call('DEL', log) end
  redis.call('RPUSH', log, entry)
  if count ~= '' then redis.call('LTRIM', log, -math.max(1, count), -1) end
  redis.call('HSET', head_key, 'head', id, 'logged', id, 'age', age)
  if age ~= '' then
    -- A few of the oldest at every append, more than one, so that all go that are too old.
    for _ = 1, 4 do
      if time_of(redis.call('LINDEX', log, 0)) >= time - age then break end
      redis.call('LPOP', log)
    end
    -- A minute more: clocks differ, and nothing reads what is too old.
    redis.call('PEXPIRE', log, text(age + 60000))
  elseif known[4] and known[4] ~= '' then redis.call('PERSIST', log) end
else
  redis.call('ZADD', order, id, key)
  redis.call('HSET', values, key, entry)
  redis.call('HSET', head_key, 'head', id)
end
if known[2] ~= epoch then redis.call('HSET', head_key, 'epoch', epoch, 'begin', text(before)) end

if idem ~= '' then
  local place = id .. ' ' .. text(time)
  redis.call('HSET', seen, idem, place)
  redis.call('RPUSH', seen_order, place .. ' ' .. idem)
  for _ = 1, 8 do
    local oldest = redis.call('LINDEX', seen_order, 0)
    local its_place, its_time, its_key = string.match(oldest, '^(%d+ (%d+)) (.*)$')
    if tonumber(its_time) >= time - idem_age and redis.call('HLEN', seen) <= tonumber(idem_count) then break end
    redis.call('LPOP', seen_order)
    -- Seen anew since: another entry of the list is the one that counts.
    if redis.call('HGET', seen, its_key) == its_place then redis.call('HDEL', seen, its_key) end
    if its_key == idem and its_place == place then break end
  end
end

redis.call('PUBLISH', live, id .. ' ' .. epoch .. ' ' .. entry)
return {epoch, offset, time, 0}
`;

const HEAD = `
local epoch = current_epoch(KEYS[1], ARGV[1], ARGV[2])
return {epoch, tonumber(redis.call('HGET', KEYS[2], 'head')) or 0}
`;

/** Answers {epoch, head, oldest kept, {offset, entry, ...}}; no entries for a position that is not in this history. */
const READ = `
local history, head_key, log, order, values = unpack(KEYS)
local run, nonce, given, kind, count, age, after_epoch, after, limit = unpack(ARGV)
local epoch = current_epoch(history, run, nonce)
local known = redis.call('HMGET', head_key, 'head', 'logged')
local head = tonumber(known[1]) or 0
local is_known = after == '' or (after_epoch == epoch and tonumber(after) <= head)
if not is_known then return {epoch, head, 0, {}} end
if kind == 'newest' then return {epoch, head, 0, newest(order, values, tonumber(after) or 0, limit)} end

local function oldest_kept()
  local kept = known[2] == known[1] and redis.call('LLEN', log) or 0
  local first = head - kept + 1
  local low = first
  if count ~= '' then low = math.max(low, head - count + 1) end
  if age == '' or low > head then return low end
  local cutoff = clock(given) - age
  local function is_old(offset) return time_of(redis.call('LINDEX', log, offset - first)) < cutoff end
  if not is_old(low) then return low end
  local high = head + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_old(middle) then low = middle + 1 else high = middle end
  end
  return low
end

local oldest = oldest_kept()
local from = oldest
if after ~= '' then from = tonumber(after) + 1 end
if from < oldest or from > head then return {epoch, head, oldest, {}} end
return {epoch, head, oldest, logged(log, head, from, limit)}
`;

/**
 * What a follower missed, of whatever kind the channel is. In another epoch: everything since that epoch began. Answers {epoch,
 * head, after, more, {offset, entry, ...}}.
 */
const MISSED = `
local history, head_key, log, order, values = unpack(KEYS)
local run, nonce, its_epoch, its_after, limit = unpack(ARGV)
local epoch = current_epoch(history, run, nonce)
local known = redis.call('HMGET', head_key, 'head', 'epoch', 'begin', 'logged')
local head = tonumber(known[1]) or 0
local after = tonumber(its_after)
if its_epoch ~= epoch then after = known[2] == epoch and tonumber(known[3]) or head end
if after >= head then return {epoch, head, after, 0, {}} end

local window = logged(log, tonumber(known[4]) or 0, after + 1, limit)
local state = newest(order, values, after, limit)
local found = {}
local w, s = 1, 1
while #found < limit * 2 and (window[w] or state[s]) do
  local is_window = not state[s] or (window[w] and tonumber(window[w]) < tonumber(state[s]))
  local from, i = state, s
  if is_window then from, i = window, w end
  found[#found + 1] = from[i]
  found[#found + 1] = from[i + 1]
  if is_window then w = w + 2 else s = s + 2 end
end
local more = #found >= limit * 2 and 1 or 0
return {epoch, head, after, more, found}
`;

function script(lua: string): Script {
  const whole = COMMON + lua;
  return { lua: whole, sha: createHash('sha1').update(whole).digest('hex') };
}

export type ScriptName = 'open' | 'append' | 'head' | 'read' | 'missed';

export const SCRIPTS: Readonly<Record<ScriptName, Script>> = {
  open: script(OPEN),
  append: script(APPEND),
  head: script(HEAD),
  read: script(READ),
  missed: script(MISSED),
};

/** Into the cache of the server: it is empty after a start. Written before whatever is sent on this connection next. */
export async function loadScripts(client: RedisClient): Promise<void> {
  await Promise.all(Object.values(SCRIPTS).map(({ lua }) => client.script('LOAD', lua)));
}
