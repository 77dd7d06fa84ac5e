// A name for the eye, made from an id that may be anything: what makes a path or a ref unique stands beside it.

const LENGTH = 40;

/** Letters, digits and single dashes in lower case, at most 40 characters; `task` where nothing is left. */
export function slug(id: string): string {
  const words = id
    .slice(0, 200)
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, LENGTH)
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return words === '' ? 'task' : words;
}
