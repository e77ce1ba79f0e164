//! Reading pictures on a thread of their own, so that decoding goes on while
//! the picture before is still looked at.
//!
//! A few pictures wait at most, and their room is used again: the decoder is
//! held up by its pipe, and memory does not grow with the video.

use std::io::Read;
use std::sync::mpsc::channel;

use super::{Frames, Loss, OwnedFrame};

/// Bytes of pictures that may wait, and how many at least and at most.
const WAITING_BYTES: usize = 32 << 20;
const WAITING: (usize, usize) = (2, 32);

impl<R: Read + Send> Frames<R> {
    /// Shows each picture in order, first to `prepare` on the thread that reads
    /// them, then, with what that gave, to `each`. Gives the last one, and what
    /// kept it from the end.
    pub fn ahead<T: Send>(
        &mut self,
        mut prepare: impl FnMut(&OwnedFrame) -> T + Send,
        mut each: impl FnMut(&OwnedFrame, T),
    ) -> (Option<OwnedFrame>, Option<Loss>) {
        let (full, pictures) = channel();
        let (back, used) = channel();
        std::thread::scope(|scope| {
            let reading = scope.spawn(move || {
                let mut made = 0;
                let mut room = OwnedFrame::default();
                loop {
                    match self.next_into(&mut room) {
                        Ok(true) => {}
                        Ok(false) => return None,
                        Err(loss) => return Some(loss),
                    }
                    let most = WAITING_BYTES / room.luma.pixels.len().max(1);
                    let prepared = prepare(&room);
                    // Only the other end's panic closes a channel.
                    full.send((room, prepared)).ok()?;
                    room = if made < most.clamp(WAITING.0, WAITING.1) {
                        made += 1;
                        OwnedFrame::default()
                    } else {
                        used.recv().ok()?
                    };
                }
            });
            let mut last = None;
            for (picture, prepared) in pictures {
                each(&picture, prepared);
                if let Some(seen) = last.replace(picture) {
                    // After the last picture nobody takes it back.
                    let _ = back.send(seen);
                }
            }
            (last, reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Limits;
    use crate::media::frames::tests::pipe;

    #[test]
    fn pictures_come_in_order_and_a_loss_at_the_end() {
        let mut seen = Vec::new();
        let mut shown = 0..;
        let (last, loss) = Frames::new(&pipe(100)[..], &Limits::default())
            .ahead(|_| shown.next(), |frame, first| seen.push((frame.index, first, frame.at_ms, frame.luma.pixels[0])));
        let all = (0..99u8).map(|at| (at.into(), Some(at.into()), u64::from(at) + 1, at));
        assert_eq!(seen, all.collect::<Vec<(u64, Option<u64>, u64, u8)>>());
        assert_eq!((last.map(|frame| frame.index), loss), (Some(98), Some(Loss::CutOff { index: 99 })));
    }
}
