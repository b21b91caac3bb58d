/** The words of a page in every language: plain text, or a function of what goes into the sentence. */
import { type Language, useLanguage } from './language.ts';

/** A sentence with holes is a function, so word order and plurals belong to the language. */
export type Word = string | ((...parts: never[]) => string);

/** Words by key; a group of words that belong together may nest. */
export interface Words {
  readonly [key: string]: Word | Words;
}

/** The same keys with the same parameters, in another language. */
export type Translated<W extends Words> = {
  readonly [K in keyof W]: W[K] extends string
    ? string
    : W[K] extends (...parts: infer Parts) => string
      ? (...parts: Parts) => string
      : W[K] extends Words
        ? Translated<W[K]>
        : never;
};

/** The words of a page, by language. */
export type Dictionary<W extends Words> = Readonly<Record<Language, Translated<W>>>;

/** A dictionary. A key that one language lacks, or a sentence with other holes, does not compile. */
export function createDictionary<W extends Words>(words: {
  readonly en: W & NoInfer<Translated<W>>;
  readonly vi: NoInfer<Translated<W>>;
}): Dictionary<W> {
  return words;
}

/** The words in the page's language. */
export function useWords<W extends Words>(dictionary: Dictionary<W>): Translated<W> {
  return dictionary[useLanguage()];
}
