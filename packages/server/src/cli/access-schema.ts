/** What an access file may hold: the same that an application writes in code, as data. */
import { z } from 'zod';
import type { GrantsOptions, GrantTable, IssuerOptions, Keep } from '../index.ts';

export interface AccessFile {
  readonly channels?: Readonly<Record<string, ChannelEntry>>;
  readonly issuers?: readonly IssuerEntry[];
  readonly cookie?: string;
  readonly grants?: Omit<GrantsOptions, 'fromTokens'>;
  readonly apiKeys?: readonly ApiKeyEntry[];
  readonly ask?: AskEntry;
}

export interface ChannelEntry {
  readonly kind: 'log' | 'state' | 'signal';
  /** Everybody may read. Otherwise the grants decide. */
  readonly access?: 'public';
  readonly keep?: Keep;
  readonly minIntervalMs?: number;
  readonly maxSubscribers?: number;
}

export interface IssuerEntry extends Omit<IssuerOptions, 'secret' | 'keys'> {
  readonly secret?: string;
  /** Variable, and file, that hold the secret. */
  readonly secretEnv?: string;
  readonly secretFile?: string;
  /** PEM. */
  readonly keys?: readonly string[];
  readonly keyFiles?: readonly string[];
}

export interface ApiKeyEntry {
  readonly id: string;
  readonly hash: string;
  readonly grants: GrantTable;
  /** A date. */
  readonly expires?: string;
}

export interface AskEntry {
  readonly url: string;
  readonly secretEnv?: string;
  readonly secretFile?: string;
  readonly timeoutMs?: number;
  readonly rememberMs?: number;
}

const patterns = z.array(z.string());
const table = z.strictObject({
  subscribe: patterns.exactOptional(),
  publish: patterns.exactOptional(),
  history: patterns.exactOptional(),
  presence: patterns.exactOptional(),
  manage: patterns.exactOptional(),
});

const keep = z.union([
  z.literal('forever'),
  z.strictObject({
    count: z.number().exactOptional(),
    days: z.number().exactOptional(),
    hours: z.number().exactOptional(),
  }),
]);

const channel = z.strictObject({
  kind: z.enum(['log', 'state', 'signal']),
  access: z.literal('public').exactOptional(),
  keep: keep.exactOptional(),
  minIntervalMs: z.number().exactOptional(),
  maxSubscribers: z.number().exactOptional(),
});

const issuer = z.strictObject({
  issuer: z.string(),
  audience: z.union([z.string(), z.array(z.string())]),
  algorithms: z.array(z.enum(['HS256', 'RS256', 'ES256', 'EdDSA'])),
  secret: z.string().exactOptional(),
  secretEnv: z.string().exactOptional(),
  secretFile: z.string().exactOptional(),
  keys: z.array(z.string()).exactOptional(),
  keyFiles: z.array(z.string()).exactOptional(),
  jwks: z.string().exactOptional(),
  clockToleranceMs: z.number().exactOptional(),
  types: z.array(z.string()).exactOptional(),
  claims: z
    .strictObject({
      roles: z.string().exactOptional(),
      name: z.string().exactOptional(),
      grants: z.string().exactOptional(),
    })
    .exactOptional(),
  subjectPrefix: z.string().exactOptional(),
});

export const ACCESS_FILE: z.ZodType<AccessFile> = z.strictObject({
  channels: z.record(z.string(), channel).exactOptional(),
  issuers: z.array(issuer).exactOptional(),
  cookie: z.string().exactOptional(),
  grants: z
    .strictObject({
      anyone: table.exactOptional(),
      users: table.exactOptional(),
      roles: z.record(z.string(), table).exactOptional(),
    })
    .exactOptional(),
  apiKeys: z
    .array(z.strictObject({ id: z.string(), hash: z.string(), grants: table, expires: z.string().exactOptional() }))
    .exactOptional(),
  ask: z
    .strictObject({
      url: z.string(),
      secretEnv: z.string().exactOptional(),
      secretFile: z.string().exactOptional(),
      timeoutMs: z.number().exactOptional(),
      rememberMs: z.number().exactOptional(),
    })
    .exactOptional(),
});

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

/** Names of the fields that may stand at a place of the file. */
export function namesAt(path: readonly PropertyKey[]): readonly string[] {
  // A JSON schema, of which only these parts are looked at.
  let shapes = flat(z.toJSONSchema(ACCESS_FILE, { io: 'input', unrepresentable: 'any' }) as Shape);
  for (const step of path) shapes = shapes.flatMap((shape) => flat(shapeAt(shape, step)));
  return shapes.flatMap(({ properties = {} }) => Object.keys(properties));
}

function flat(shape: Shape | undefined): readonly Shape[] {
  return shape === undefined ? [] : (shape.anyOf ?? [shape]);
}

function shapeAt({ properties = {}, additionalProperties, items }: Shape, step: PropertyKey): Shape | undefined {
  if (typeof step === 'number') return items;
  const name = String(step);
  if (Object.hasOwn(properties, name)) return properties[name];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
