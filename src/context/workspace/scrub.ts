// Takes credentials out of the text files of a repository's `.git`. What is left is valid where it was valid before.

const SECTION = /^\s*\[\s*([^\]\s"]+)[^\]]*\]/;
const SECRET_KEY = /^\s*[\w.-]*(?:extraheader|password|passwd|token|secret|apikey|oauth\w*|cookie)\s*(?:=|$)/i;
const WITH_URLS = /^(?:.*\/)?(?:config|config\.worktree|FETCH_HEAD|(?:logs|branches|remotes)(?:\/.*)?)$/;
const CONFIG = /^(?:.*\/)?config(?:\.worktree)?$/;
const MAY_HAVE_CONFIG = /^(?!refs\/|logs\/)/;

/** `path`: inside `.git`, one character a byte, as is the text. */
export function scrubbed(path: string, content: Buffer): Buffer {
  if (!WITH_URLS.test(path)) return content;
  const text = content.toString('latin1');
  const clean = withoutUserInfo(CONFIG.test(path) && MAY_HAVE_CONFIG.test(path) ? withoutCredentials(text) : text);
  return clean === text ? content : Buffer.from(clean, 'latin1');
}

/** A token may stand in the place of the user's name, but not with ssh, where the name is needed. */
export const withoutUserInfo = (text: string): string =>
  text
    .replace(/\b((?:https?|ftps?):\/\/)[^\s/"'<>]*@/gi, '$1')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/"'<>:@]*):[^\s/"'<>]*@/gi, '$1@');

function withoutCredentials(text: string): string {
  const keep: string[] = [];
  let dropsSection = false;
  let dropsNext = false;
  for (const line of text.split('\n')) {
    const continued: boolean = dropsNext;
    const section: RegExpExecArray | null = continued ? null : SECTION.exec(line);
    if (section !== null) dropsSection = /^credential(?:\.|$)/i.test(section[1] ?? '');
    const key: string = section === null ? line : line.slice(section[0].length);
    const drops: boolean = continued || dropsSection || SECRET_KEY.test(key);
    dropsNext = drops && line.endsWith('\\');
    if (!drops) keep.push(line);
    else if (section !== null && !dropsSection) keep.push(section[0]);
  }
  return keep.join('\n');
}
