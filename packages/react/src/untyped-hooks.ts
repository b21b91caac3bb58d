/** The hooks without a channel map: any name, `unknown` payloads. With a map, `createHooks` is the better door. */
import type { ChannelShapes } from '@fanfare/protocol';
import { createHooks, type Hooks } from './create-hooks.ts';

const hooks: Hooks<ChannelShapes> = createHooks<ChannelShapes>();

export const useClient: Hooks<ChannelShapes>['useClient'] = hooks.useClient;
export const useChannel: Hooks<ChannelShapes>['useChannel'] = hooks.useChannel;
export const useEvent: Hooks<ChannelShapes>['useEvent'] = hooks.useEvent;
export const useLoss: Hooks<ChannelShapes>['useLoss'] = hooks.useLoss;
export const usePublish: Hooks<ChannelShapes>['usePublish'] = hooks.usePublish;
