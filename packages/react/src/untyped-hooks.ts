/** The hooks without a channel map: any name, `unknown` payloads. With a map, `createHooks` is the better door. */
import type { ChannelShapes } from '@fanfare/protocol';
import { createHooks, type Hooks } from './create-hooks.ts';

const hooks: Hooks<ChannelShapes> = createHooks<ChannelShapes>();

/** As of `createHooks`: the nearest provider's client. Throws where there is none. */
export const useClient: Hooks<ChannelShapes>['useClient'] = hooks.useClient;
/** As of `createHooks`: how the subscription stands, and the newest value of a state channel. */
export const useChannel: Hooks<ChannelShapes>['useChannel'] = hooks.useChannel;
/** As of `createHooks`: every event of that name, in order, while the component is mounted. */
export const useEvent: Hooks<ChannelShapes>['useEvent'] = hooks.useEvent;
/** As of `createHooks`: events are missing for good; read the whole again. */
export const useLoss: Hooks<ChannelShapes>['useLoss'] = hooks.useLoss;
/** As of `createHooks`: publishes or sets, never rejects, and says how the last call stands. */
export const usePublish: Hooks<ChannelShapes>['usePublish'] = hooks.usePublish;
