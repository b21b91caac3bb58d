/** What servers that share an engine tell each other. Another version may have written it, or anybody who may write to that engine. */

/** The fields of a JSON object, unchecked; none where it is no JSON, or no object. Never throws: it is heard amid a delivery. */
export function fieldsOf(json: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
