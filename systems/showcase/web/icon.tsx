/** The page's icons: one weight, drawn in the colour of the text. Always beside a word, so they are silent. */
import type { ReactElement } from 'react';

const PATHS = {
  shuttle: 'M7 17a3.5 3.5 0 1 0 5 5L21 12l-2-7-7-2zM9 14.5l5.5 5.5M12 3l3.5 13M19 5l-9 8.5',
  bell: 'M6 17V11a6 6 0 1 1 12 0v6l1.5 2h-15zM10 21.5h4',
  rooms: 'M3 5h11v9H7l-4 3zM17 9h4v12l-4-3h-6v-1',
  chat: 'M4 5h16v11H11l-5 4v-4H4zM8 9h8M8 12.5h5',
  paw: 'M12 12c-3 0-6 3-6 6 0 2 1.5 3 3 3s2-.8 3-.8 1.5.8 3 .8 3-1 3-3c0-3-3-6-6-6M5 9v1.5M9.5 4.500v2M14.5 4.500v2M19 9v1.5',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c0-4 3.5-6.5 8-6.500s8 2.5 8 6.5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg className="icon" width="22" height="22" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
