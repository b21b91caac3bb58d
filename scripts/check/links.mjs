/**
 * Relative links in the documents lead somewhere: the file exists, and so does the heading behind `#`. So do the sections of PROTOCOL.md
 * that documents, code and tests cite, as §n.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)|<(?:img|a)[^>]*\s(?:src|href)="([^"]+)"/g;

/** The anchor that a heading gets, as code hosts make it. */
function anchorOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** Targets of the links in a document, code blocks aside. */
function linksOf(text) {
  const prose = text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)].map((match) => match[1] ?? match[2]).filter((link) => !/^[a-z]+:/i.test(link));
}

export function brokenLinks(file) {
  return linksOf(readFileSync(file, 'utf8')).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), decodeURI(path));
    if (!existsSync(target)) return true;
    if (anchor === undefined || statSync(target).isDirectory()) return false;
    const headings = [...readFileSync(target, 'utf8').matchAll(/^#{1,6}\s+(.*)$/gm)].map((match) => anchorOf(match[1]));
    return !headings.includes(anchor);
  });
}

/** Sections of the protocol that a text cites, those of RFCs aside. */
export function sectionsOf(text) {
  return [...text.matchAll(/(RFC \d+ )?§(\d+(?:\.\d+)?)/g)]
    .filter(([, rfc]) => rfc === undefined)
    .map(([, , section]) => section);
}

function unknownSections(files, protocol) {
  const known = new Set([...protocol.matchAll(/^#+ §([\d.]+)/gm)].map(([, section]) => section));
  return files.flatMap((file) =>
    sectionsOf(readFileSync(file, 'utf8'))
      .filter((section) => !known.has(section))
      .map((section) => ({ file, section })),
  );
}

function filesWith(folder, ending) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', '.git'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesWith(path, ending);
    return ending.test(entry.name) ? [path] : [];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const workspace = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const broken = filesWith(workspace, /\.md$/).flatMap((file) =>
    brokenLinks(file).map((link) => `${relative(workspace, file)}: ${link} leads nowhere`),
  );
  for (const line of broken) console.log(line);
  const protocol = readFileSync(join(workspace, 'PROTOCOL.md'), 'utf8');
  const unknown = unknownSections(filesWith(workspace, /\.(?:md|tsx?|mjs)$/), protocol);
  for (const { file, section } of unknown) console.log(`${relative(workspace, file)}: PROTOCOL.md has no §${section}`);
  process.exitCode = broken.length + unknown.length > 0 ? 1 : 0;
}
