/** What the start page knows of its server: types only. */
export type { ServerStatus, ShowcaseShapes } from './channels.ts';
