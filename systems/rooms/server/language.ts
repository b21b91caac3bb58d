/** The languages of what people read. */
export type Language = 'en' | 'vi';
