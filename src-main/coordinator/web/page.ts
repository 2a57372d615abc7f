/** What a browser finds at the web listener: no script, no form, nothing to click that changes anything. */
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
<p>The console in the browser is not part of this version. On the coordinator's machine, use the command line:</p>
<pre>letterlock admin --help
letterlock admin device list
letterlock admin user add NAME
letterlock admin audit verify</pre>
<p>Programs may use the same functions over HTTPS: <code>POST /api/session</code> with the name and password of an
administrator, then <code>POST /api/rpc/admin.device.list</code> (and so on) with the session as a bearer token.</p>
</main>
</body>
</html>
`;
