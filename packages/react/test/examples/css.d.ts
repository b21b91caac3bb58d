/** A style sheet is imported for what it does to the page; a bundler knows it, tsc need not. */
declare module '*.css';
