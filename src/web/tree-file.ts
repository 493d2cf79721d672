import { faces } from '../report/fonts.ts';

const fontFaces = faces
  .map(
    ({ family, weight, file }) =>
      `@font-face { font-family: ${family}; font-weight: ${weight}; src: url(/fonts/${file}) }`,
  )
  .join('');

/** A picture as a document of its own, with its fonts: with any other font its words overlap. */
export const pictureFile = (svg: string): string => svg.replace('>', `><style>${fontFaces}</style>`);
