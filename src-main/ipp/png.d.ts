/** An image as a data: URI, put in by the bundler. */
declare module '*.png?inline' {
  const uri: string;
  export default uri;
}
