import type { ErrorCode } from '../../../src-preload/contract/index.ts';
import { publicErrors } from '../../../src-preload/contract/index.ts';

/** What a browser sees that comes back from the provider and is not let in. No script, nothing that changes anything. */
export const refusalPage = ({ code, detail }: { readonly code: ErrorCode; readonly detail?: string }): string => {
  const { message, next } = publicErrors[code];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/plain.css">
<title>Not signed in – Letterlock</title>
</head>
<body>
<main>
<h1>Not signed in</h1>
<p>${text(message)}${detail === undefined ? '' : ` (${text(detail)})`}</p>
<p>${text(next)}</p>
<p><a href="/portal">My print jobs</a> · <a href="/admin">Administration</a></p>
</main>
</body>
</html>
`;
};

const text = (words: string): string => words.replaceAll(/[&<>"']/g, (one) => `&#${one.codePointAt(0)};`);
