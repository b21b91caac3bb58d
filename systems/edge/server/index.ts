/** What every system does at its edges: request bodies and rows become typed values, refusals have a table. */
export { integer, optionalInteger, optionalText, text } from './columns.ts';
export { parseBody } from './parse-body.ts';
export { type Refusal, type RefusalFacts, type Refuse, refuser } from './refusals.ts';
