/** The hooks without a channel map: any name, `unknown` payloads. With a map, `createHooks` is the better door. */
import type { ChannelShapes } from '@fanfare/protocol';
import { createHooks, type Hooks } from './create-hooks.ts';

const hooks: Hooks<ChannelShapes> = createHooks<ChannelShapes>();

export const useClient: Hooks<ChannelShapes>['useClient'] = hooks.useClient;
export const useChannelState: Hooks<ChannelShapes>['useChannelState'] = hooks.useChannelState;
export const useChannelEvents: Hooks<ChannelShapes>['useChannelEvents'] = hooks.useChannelEvents;
export const useChannelLoss: Hooks<ChannelShapes>['useChannelLoss'] = hooks.useChannelLoss;
