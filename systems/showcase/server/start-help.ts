/** `npm start -- --help`: what can be set, made from the table of the settings so that the two cannot disagree. */
import { ROOMS_SETTINGS } from '@fanfare-systems/rooms';

const rows = Object.entries(ROOMS_SETTINGS).map(
  ([name, { help, expected, fallback }]) => `  ${name.padEnd(30)}${help}: ${expected} (default ${fallback})`,
);

export const START_HELP: string = `npm start -- [flags]: every system on one server

Flags, variables and fanfare.yaml are those of the server: npx fanfare serve --help lists them,
--check-config among them, which starts nothing.
Each system has variables of its own:

${rows.join('\n')}
  ${'INBOX_JWT_IN_URL'.padEnd(30)}1: a JWT in the query of the inbox's stream is read; it warns

A variable that is set but empty counts as not set.
`;
