/** The one connection of this page, and hooks that know what flows in each of its channels. */
import { type Client, createClient } from '@fanfare/client';
import { createHooks, type Hooks } from '@fanfare/react';
import type { ShowcaseShapes } from '@fanfare-systems/showcase';

export const client: Client<ShowcaseShapes> = createClient<ShowcaseShapes>();

export const { useChannel, useEvent, usePublish }: Hooks<ShowcaseShapes> = createHooks<ShowcaseShapes>();
