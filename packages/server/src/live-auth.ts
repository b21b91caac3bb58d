/** Who may do what, for as long as it lives: the parts of access, put together for one hub. */
import type { IncomingMessage } from 'node:http';
import { parseChannelName } from '@fanfare/protocol';
import { AccessUnavailable } from './auth/access.ts';
import type { Action } from './auth/action.ts';
import { ApiKeys } from './auth/api-keys.ts';
import { Authenticator } from './auth/authenticator.ts';
import { backendCallers } from './auth/backend-callers.ts';
import { Disconnections } from './auth/disconnections.ts';
import { Gate } from './auth/gate.ts';
import type { Identity } from './auth/identity.ts';
import { type Revocation, Revocations } from './auth/revocations.ts';
import { type Ticket, Tickets } from './auth/tickets.ts';
import type { ChannelMap, ChannelRegistry } from './channels/channel-map.ts';
import { errorOf } from './channels/fanfare-error.ts';
import type { Broker, Clock, Credential, Disconnected, DisconnectTarget, Entropy, Hub } from './core/index.ts';
import type { FanfareOptions } from './fanfare.ts';
import { clientAddress } from './http/address.ts';
import { ApiKeyCheck } from './http/api-key.ts';
import type { FindCaller } from './http/backend/backend-caller.ts';
import type { HttpError } from './http/errors.ts';
import type { OriginPolicy } from './http/origin-policy.ts';
import { proxyTrust } from './http/proxy-trust.ts';
import type { RequestHead } from './http/request-head.ts';
import { Explainer, type ExplainQuestion, type Explanation } from './live-explain.ts';
import type { LiveWiresOptions } from './live-wires.ts';
import { Admission, type Asker, unavailable } from './transports/admission.ts';

export interface LiveAuthOptions {
  readonly options: FanfareOptions<ChannelMap>;
  readonly broker: Broker;
  readonly registry: ChannelRegistry;
  readonly origins: OriginPolicy;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly graceMs: number;
  /** Of the hub, which is made after this. */
  readonly hub: () => Pick<Hub, 'disconnects' | 'revoke' | 'each' | 'denied'>;
}

export class LiveAuth {
  readonly admission: Admission;
  readonly findCaller: FindCaller;
  readonly #explainer: Explainer;
  readonly #authenticator: Authenticator;
  readonly #revocations: Revocations;
  readonly #tickets: Tickets;
  readonly #disconnections: Disconnections;
  readonly #hub: LiveAuthOptions['hub'];
  readonly #addressOf: (request: IncomingMessage) => string;

  constructor(parts: LiveAuthOptions) {
    const { options, broker, registry, origins, clock, entropy, graceMs, hub } = parts;
    const { authenticate, authorize, apiKey, apiKeys } = options;
    const trust = proxyTrust(options.trustedHops ?? 0);
    this.#hub = hub;
    this.#addressOf = (request) => clientAddress(request, trust);
    this.admission = new Admission(registry, new Gate(authorize), (facts) => hub().denied(facts));
    const keys = new ApiKeys(apiKeys);
    const revocations: Revocations = new Revocations({
      ...{ broker, clock },
      endRevoked: () => hub().revoke((credential) => revocations.isRevoked(credential)),
      expiryOf: (tokenId) => expiryOf(hub().each(), tokenId),
    });
    this.#revocations = revocations;
    this.#disconnections = new Disconnections({ broker, entropy, end: (target) => hub().disconnects.end(target) });
    const tickets = new Tickets({ clock, entropy, broker, origins });
    this.#tickets = tickets;
    this.#authenticator = new Authenticator({ authenticate, keys, tickets, origins, clock, graceMs, revocations });
    const identify = (request: IncomingMessage) => this.identify(request);
    this.#explainer = new Explainer({ authenticate, identify, admission: this.admission });
    this.findCaller = backendCallers({
      keys,
      key: new ApiKeyCheck(apiKey),
      hasTokens: authenticate !== undefined,
      identify,
      refusal: ({ action, channel, ...asker }) => this.#refusal(action, channel, asker),
      outOfForce: (identity) => this.outOfForce(identity),
      addressOf: this.#addressOf,
    });
  }

  /** What the wires ask about who calls. */
  forWires(): Pick<LiveWiresOptions, 'admission' | 'identify' | 'isAnonymous' | 'outOfForce' | 'ticket'> {
    return {
      admission: this.admission,
      identify: (request) => this.identify(request),
      isAnonymous: (request) => this.isAnonymous(request),
      outOfForce: (identity) => this.outOfForce(identity),
      ticket: (request) => this.ticket(request),
    };
  }

  isRevoked(credential: Credential): boolean {
    return this.#revocations.isRevoked(credential);
  }

  isInForce(credential: Credential): boolean {
    return this.#authenticator.isInForce(credential);
  }

  async identify(request: IncomingMessage): Promise<Identity | undefined> {
    try {
      return await this.#authenticator.identify(request);
    } catch (error) {
      if (error instanceof AccessUnavailable) {
        const asker = { identity: undefined, address: this.#addressOf(request) };
        this.#hub().denied(unavailable(error, { action: 'sign-in', ...asker }));
      }
      throw error;
    }
  }

  /** Is there nothing in the request that could say whose it is? */
  isAnonymous(request: RequestHead): boolean {
    return this.#authenticator.isAnonymous(request);
  }

  outOfForce(identity: Identity | undefined): HttpError | undefined {
    return this.#authenticator.outOfForce(identity);
  }

  ticket(request: IncomingMessage): Promise<Ticket> {
    return this.#authenticator.ticket(request);
  }

  explain(question: ExplainQuestion): Promise<Explanation> {
    return this.#explainer.explain(question);
  }

  revoke(revocation: Revocation): Promise<number> {
    return this.#revocations.revoke(revocation);
  }

  disconnect(target: DisconnectTarget): Disconnected {
    return this.#disconnections.disconnect(target);
  }

  /** Of somebody who asks about a channel by name. Throws CHANNEL_UNKNOWN. */
  async #refusal(action: Action, channel: string, asker: Asker): Promise<HttpError | undefined> {
    const name = parseChannelName(channel);
    if (!name.ok) throw errorOf(name.problem);
    return this.admission.refusal({ action, channel, resolved: this.admission.resolve(channel), asker });
  }

  close(): void {
    this.#revocations.close();
    this.#disconnections.close();
    this.#tickets.close();
  }
}

/** When the token of an open connection runs out. Of several that say different things, none is believed. */
function expiryOf(
  connections: Iterable<{ readonly credential: Credential | undefined }>,
  tokenId: string,
): number | undefined {
  let found: number | undefined;
  for (const { credential } of connections) {
    if (credential?.tokenId !== tokenId) continue;
    const { expiresAt } = credential;
    if (expiresAt === undefined || (found !== undefined && found !== expiresAt)) return undefined;
    found = expiresAt;
  }
  return found;
}
