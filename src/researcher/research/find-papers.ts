import type { PaperFinding } from '../../campaign/findings.ts';
import { cleanLine } from '../clean-text.ts';
import { readRecipe } from './read-recipe.ts';
import type { Run } from './run.ts';
import { createArxiv } from './services/arxiv.ts';
import { createHfPapers } from './services/hf-papers.ts';
import { createSemanticScholar } from './services/semantic-scholar.ts';
import type { Paper } from './types.ts';

const askedOfEach = 10;
const kept = 4;

/** Asks three services for papers, takes the few that fit best, and has each confirmed by id before it counts. */
export async function findPapers(run: Run, words: readonly string[]): Promise<PaperFinding[]> {
  const arxiv = createArxiv(run.ask);
  const semanticScholar = createSemanticScholar(run.ask);
  const hf = createHfPapers(run.ask);
  const query = [...words, 'fine-tuning'];
  const found = await Promise.all([
    run.attempt(() => hf.search(query, askedOfEach), []),
    run.attempt(() => semanticScholar.search(query, askedOfEach), []),
    run.attempt(() => arxiv.search(words.slice(0, 3), askedOfEach), []),
  ]);
  const best = rank(merge(found.flat()), words).slice(0, kept);

  const confirmed = await confirm(best);
  const findings: PaperFinding[] = [];
  for (const { paper, citations } of confirmed) {
    const { arxivId } = paper;
    // Not every paper has its whole text there; the abstract is enough then.
    const body = arxivId === null ? '' : await run.attempt(() => hf.readText(arxivId), '');
    const { quote, hasResult, methods, settings } = readRecipe(paper.summary ?? '', body);
    if (quote === '') continue;
    findings.push({
      kind: 'paper',
      source: paper.source,
      id: paper.id,
      url: paper.url,
      title: cleanLine(paper.title, 200),
      publishedAt: paper.publishedAt,
      citations,
      quote,
      hasResult,
      recipe: { baseModels: [], methods, datasets: [], settings },
    });
  }
  return findings;

  /**
   * The papers as the services give them by id. A paper that they do not know, or know by another title, is left out.
   */
  async function confirm(papers: Paper[]): Promise<{ paper: Paper; citations: number | null }[]> {
    const ids = papers.flatMap((paper) => paper.arxivId ?? []);
    const atArxiv = await run.attempt<Paper[] | null>(() => arxiv.byIds(ids), null);
    const results: { paper: Paper; citations: number | null }[] = [];
    for (const paper of papers) {
      const again = await run.attempt<Paper | null>(async () => {
        if (paper.arxivId === null) return semanticScholar.byId(paper.id);
        if (atArxiv === null) return hf.byId(paper.arxivId);
        return atArxiv.find(({ arxivId }) => arxivId === paper.arxivId) ?? null;
      }, null);
      if (again !== null && isSame(again.title, paper.title)) {
        results.push({ paper: again, citations: paper.citations ?? again.citations });
      } else {
        run.note(`Nobody confirmed the paper ${cleanLine(paper.id, 60)}, so I left it out.`);
      }
    }
    return results;
  }
}

const plain = (title: string): string => title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
const isSame = (one: string, other: string): boolean => plain(one) === plain(other);

/** The same paper from several services becomes one, with the fields that any of them had. */
function merge(papers: Paper[]): Paper[] {
  const merged: Paper[] = [];
  for (const paper of papers) {
    const known = merged.find(
      (m) => (m.arxivId !== null && m.arxivId === paper.arxivId) || isSame(m.title, paper.title),
    );
    if (known === undefined) {
      merged.push({ ...paper });
      continue;
    }
    known.arxivId ??= paper.arxivId;
    known.summary ??= paper.summary;
    known.citations ??= paper.citations;
  }
  return merged;
}

/** Papers about the task, the most relevant first; at least half of the words must occur. */
function rank(papers: Paper[], words: readonly string[]): Paper[] {
  return papers
    .flatMap((paper) => {
      const text = `${paper.title} ${paper.summary ?? ''}`.toLowerCase();
      const hits = words.filter((word) => text.includes(stem(word))).length;
      if (hits * 2 < words.length) return [];
      const inTitle = words.filter((word) => paper.title.toLowerCase().includes(stem(word))).length;
      const { hasResult, methods, settings } = readRecipe(paper.summary ?? '');
      const score =
        hits +
        inTitle +
        (hasResult ? 1 : 0) +
        (methods.length + settings.length > 0 ? 1 : 0) +
        Math.min(1, Math.log10(1 + (paper.citations ?? 0)) / 3);
      return [{ paper, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ paper }) => paper);
}

/** `dates` also finds `date`. */
const stem = (word: string): string => (word.length > 4 ? word.replace(/(?:es|s|ing|ed)$/, '') : word);
