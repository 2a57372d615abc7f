/**
 * PowerShell for windows.ts. Constant texts: names and addresses arrive as JSON on standard input, never inside a script.
 * Results leave as one line of JSON.
 */
const begin = `$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Console]::OutputEncoding = [Text.Encoding]::UTF8
$in = [Console]::In.ReadToEnd() | ConvertFrom-Json
function Find-Queue { Get-Printer | Where-Object { $_.Name -eq $in.name } }
`;

export const statusScript = `${begin}$queue = Find-Queue
if ($queue) { @{ device = $queue.PortName; driver = $queue.DriverName; jobs = $queue.JobCount } | ConvertTo-Json -Compress } else { 'null' }
`;

/**
 * The queue is made anew: Windows reads what a printer can do only then. Some builds name it after printer-name instead of
 * -Name, so whatever appeared is renamed. The permissions let its owner print and administrators manage it; the entries for
 * AC are what applications from the Store need in addition to their user's.
 */
export const installScript = `${begin}$old = Find-Queue
if ($old) { Remove-Printer -InputObject $old; Remove-PrinterPort -Name $old.PortName -ErrorAction SilentlyContinue }
$before = @(Get-Printer | ForEach-Object { $_.Name })
Add-Printer -Name $in.name -IppURL $in.url
$queue = Find-Queue
if (-not $queue) {
  $queue = Get-Printer | Where-Object { $before -notcontains $_.Name } | Select-Object -First 1
  if (-not $queue) { throw 'Windows made no queue' }
  Rename-Printer -InputObject $queue -NewName $in.name
}
$owner = (New-Object Security.Principal.NTAccount($in.owner)).Translate([Security.Principal.SecurityIdentifier]).Value
$sddl = "G:SYD:(A;;LCSWSDRCWDWO;;;BA)(A;OIIO;RPWPSDRCWDWO;;;BA)(A;;SWRC;;;$owner)(A;CIIO;RC;;;CO)(A;OIIO;RPWPSDRCWDWO;;;CO)(A;;SWRC;;;AC)(A;CIIO;RC;;;AC)(A;OIIO;RPWPSDRCWDWO;;;AC)"
Set-Printer -Name $in.name -PermissionSDDL $sddl
'null'
`;

export const removeScript = `${begin}$old = Find-Queue
if ($old) { Remove-Printer -InputObject $old; Remove-PrinterPort -Name $old.PortName -ErrorAction SilentlyContinue }
'null'
`;

export const defaultScript = `${begin}Get-CimInstance Win32_Printer | Where-Object { $_.Name -eq $in.name } | Invoke-CimMethod -MethodName SetDefaultPrinter | Out-Null
'null'
`;
