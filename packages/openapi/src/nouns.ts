/**
 * Words of names in English: taken apart, made singular, compared.
 *
 * `getNewRelicSubAccountUserList` and "New Relic Sub-Account Users" have the words new, relic, sub, account, user. Only regular forms are
 * known, and a few irregular ones; two words are one thing when their singulars are equal.
 */

const IRREGULAR: Readonly<Record<string, string>> = {
  people: "person",
  children: "child",
  men: "man",
  women: "woman",
  data: "data",
  news: "news",
  media: "media",
  series: "series",
  indices: "index",
  indexes: "index",
  matrices: "matrix",
  vertices: "vertex",
  analyses: "analysis",
  criteria: "criterion",
  leaves: "leaf",
  lives: "life",
  caches: "cache",
  movies: "movie",
  access: "access",
};

/** Lower case in, lower case out. */
export function singular(word: string): string {
  if (Object.hasOwn(IRREGULAR, word)) return IRREGULAR[word] as string;
  if (word.length <= 3 || !word.endsWith("s") || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|zz)es$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

/** The words of a name, in order, lower case, singular: split at capitals, digits kept with their letters, and all that is no letter. */
export function wordsOf(name: string): readonly string[] {
  return name
    .slice(0, 512)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .map(singular);
}

/** Whether two names are the same words, whatever their number, case and punctuation. */
export const sameWords = (a: string, b: string): boolean => wordsOf(a).join("") === wordsOf(b).join("");
