/** The few icons of the scoreboard. */
import { LineIcon } from '@fanfare-systems/edge/web';
import type { ReactElement } from 'react';

const PATHS = {
  // A shuttlecock: the cork below, the feathers above.
  shuttle: 'M9.5 16 6 4.5 9.5 6 12 3.5 14.5 6 18 4.5 14.5 16M8.2 11.5h7.6M9.3 16a2.7 2.7 0 0 0 5.4 0z',
  home: 'M4 11.5 12 4.5l8 7M6.5 9.5v10h11v-10',
  undo: 'M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4',
  swap: 'M7 5 3.5 8.5 7 12M3.5 8.5h14M17 12l3.5 3.5L17 19M20.5 15.5h-14',
  pause: 'M8.5 5v14M15.5 5v14',
  play: 'M7.5 4.5v15l11.5-7.5z',
  next: 'M5 5v14l9-7zM18.5 5v14',
  flag: 'M6 21V4M6 4.5h12l-3 4 3 4H6',
  again: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 3.5v4h-4',
  expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  shrink: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
  screen: 'M3.5 5h17v11h-17zM9 20h6',
  phone: 'M7.5 3h9v18h-9zM11 18h2',
  cut: 'M6 6l12 12M18 6 6 18',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M14.5 5 8 12l6.5 7',
  flask: 'M9.5 3h5M10.5 3v6L5 19.5h14L13.5 9V3M8 14.5h8',
  warning: 'M12 4 2.8 20h18.4zM12 10v4.5M12 17v.5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size }: { readonly name: IconName; readonly size?: number | string }): ReactElement {
  return <LineIcon path={PATHS[name]} {...(size === undefined ? {} : { size })} />;
}
