/** Letterlock's mark: a letter folded into its own envelope, a strip of its paper drawn through a slit, a seal where they meet. */
export const Mark = ({ size = 40 }: { readonly size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 48 48" fill="none" aria-hidden="true">
    <rect x="4" y="9" width="40" height="30" rx="5" fill="var(--mark-body, var(--ink))" />
    <path
      d="M4.8 13.2 24 27.2l19.2-14"
      stroke="var(--mark-line, #fff)"
      strokeOpacity="0.55"
      strokeWidth="1.6"
      strokeLinejoin="round"
    />
    <path
      d="M4.8 34.8 17.6 24m25.6 10.8L30.4 24"
      stroke="var(--mark-line, #fff)"
      strokeOpacity="0.28"
      strokeWidth="1.6"
    />
    <path d="M20.6 9h6.8v30h-6.8z" fill="var(--mark-line, #fff)" fillOpacity="0.16" />
    <path
      d="M18.4 16.2h11.2M18.4 33.4h11.2"
      stroke="#fff"
      strokeOpacity="0.8"
      strokeWidth="1.6"
      strokeLinecap="round"
    />
    <circle cx="24" cy="25" r="6" fill="#c9453b" />
    <circle cx="24" cy="25" r="3.4" stroke="#fff" strokeOpacity="0.6" strokeWidth="1.2" />
  </svg>
);
