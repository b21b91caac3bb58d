/** Which language a person reads errors in: `Accept-Language` reduced to the two that messages exist in. */
import type { Language } from '@fanfare/protocol';

/** The best of `vi` and `en` by q-value; ties go to the one named first; English when neither is wanted. */
export function preferredLanguage(header: string | undefined): Language {
  if (header === undefined || header.length > 1024) {
    return 'en';
  }
  let best: Language = 'en';
  let bestQuality = 0;
  for (const part of header.split(',')) {
    const [range = '', ...parameters] = part.split(';');
    const language = languageOf(range.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (language !== undefined && quality > bestQuality) {
      best = language;
      bestQuality = quality;
    }
  }
  return best;
}

function languageOf(range: string): Language | undefined {
  if (range === 'vi' || range.startsWith('vi-')) {
    return 'vi';
  }
  return range === 'en' || range === '*' || range.startsWith('en-') ? 'en' : undefined;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const match = /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/i.exec(parameter);
    if (match !== null) {
      return Math.min(1, Number(match[1]));
    }
  }
  return 1;
}
