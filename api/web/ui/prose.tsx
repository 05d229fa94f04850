/** An id of AWS with what belongs to it: its brackets, a mark behind it, a Korean particle. */
const ID = /(\(?\b[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,17}\b\)?[가-힣]{0,3}[.,;:]?)/

/** A sentence whose ids stay whole: half an id at the end of a line is none. */
export function Prose({ text }: { readonly text: string }) {
  return (
    // Another sentence is another element: pieces of the last one would move to their places in it.
    <span key={text}>
      {text.split(ID).map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          <span key={index} class="whole">
            {part}
          </span>
        ),
      )}
    </span>
  )
}
