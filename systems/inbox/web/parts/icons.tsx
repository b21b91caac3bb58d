/** The few icons of the inbox. */
import { LineIcon } from '@fanfare-systems/edge/web';
import type { ReactElement } from 'react';

const PATHS = {
  bell: 'M6 17v-6a6 6 0 1 1 12 0v6l1.500 2h-15zM10 21.5h4',
  home: 'M4 11.500 12 4.500l8 7M6.500 9.500v10h11v-10',
  info: 'M4 5h16v11H11l-5 4v-4H4z',
  success: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12.500l2.7 2.700L16 9.5',
  warning: 'M12 4 2.500 20h19zM12 10v4.500M12 17.200v.1',
  error: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.500v5.500M12 16.200v.1',
  check: 'M5 12.500l4.500 4.500L19 7.5',
  settings: 'M4 7h9M17 7h3M15 4.500v5M4 17h3M11 17h9M9 14.500v5',
  send: 'M4 12 20 4l-5 16-3.5-6.5zM11.500 13.5 20 4',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c0-4 3.500-6.500 8-6.500s8 2.500 8 6.5',
  out: 'M14 12H5M8.500 8.500 5 12l3.500 3.500M11 5h8v14h-8',
  down: 'M6 9.500l6 6 6-6',
  outside: 'M9 6H5v13h13v-4M13 5h6v6M19 5l-9 9',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return <LineIcon path={PATHS[name]} {...(size === undefined ? {} : { size })} />;
}
