/** React for Fanfare: typed hooks, and the few live components that every page has. */
export type { EventNames, EventsOf, StateNames, ValueOf } from './channel-types.ts';
export { ConnectionBadge, type ConnectionBadgeProps } from './connection-badge.tsx';
export { type ChannelStateOptions, createHooks, type Hooks } from './create-hooks.ts';
export { createDictionary, type Dictionary, type Translated, useWords, type Word, type Words } from './dictionary.ts';
export { FanfareProvider, type FanfareProviderProps } from './fanfare-provider.tsx';
export { Flash, type FlashProps } from './flash.tsx';
export { formatAgo, formatExact, formatNumber } from './format.ts';
export { currentLanguage, LANGUAGES, type Language, setLanguage, useLanguage } from './language.ts';
export { LanguageSwitch, ThemeSwitch } from './switches.tsx';
export { setTheme, THEMES, type Theme, useTheme } from './theme.ts';
export { useChannelEvents, useChannelLoss, useChannelState, useClient } from './untyped-hooks.ts';
export { useConnection } from './use-connection.ts';
export { useNow } from './use-now.ts';
