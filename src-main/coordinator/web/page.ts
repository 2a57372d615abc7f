/** What a browser finds where the console is not built: no script, no form, nothing to click that changes anything. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Letterlock coordinator</title>
</head>
<body>
<main>
<h1>Letterlock coordinator</h1>
<p>This machine approves devices, people and printers of one organization and grants the release of sealed print jobs.
It never sees a document.</p>
<h2>Administration</h2>
<p>The pages of the console are not part of this installation. Use the command line:</p>
<pre>letterlock admin --help
letterlock admin device list
letterlock admin user add NAME
letterlock admin audit verify</pre>
<p>Programs use the same functions over HTTPS with an API token (<code>letterlock admin api-token create</code>):
<code>/api/openapi.json</code> describes them.</p>
</main>
</body>
</html>
`;
