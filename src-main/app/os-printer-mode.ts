export const osPrinterModes = ['install', 'off'] as const;
/** `install`: by itself, once this machine is paired. `off`: only when somebody asks. */
export type OsPrinterMode = (typeof osPrinterModes)[number];
