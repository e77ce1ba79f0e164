//! What belongs together because a chain of ties leads from one to the other:
//! mails of a campaign, visits of an attacker, accounts of a group.

/// A forest over numbered things (union by smallest, paths halved; Tarjan 1975).
/// The head of a group is its smallest number, so that the order of ties shows nowhere.
#[derive(Debug)]
pub struct Groups(Vec<usize>);

impl Groups {
    /// `count` things, each by itself.
    pub fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The smallest number in the group of `n`.
    pub fn head(&mut self, mut n: usize) -> usize {
        while self.0[n] != n {
            self.0[n] = self.0[self.0[n]];
            n = self.0[n];
        }
        n
    }

    /// Makes one group of two.
    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.head(a), self.head(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_ties_shows_nowhere() {
        let ties = [(5, 3), (3, 4), (0, 1), (1, 0), (4, 5)];
        let heads = |ties: &mut dyn Iterator<Item = &(usize, usize)>| {
            let mut groups = Groups::new(7);
            ties.for_each(|(a, b)| groups.join(*a, *b));
            (0..7).map(|n| groups.head(n)).collect::<Vec<_>>()
        };
        let forwards = heads(&mut ties.iter());
        assert_eq!(forwards, [0, 0, 2, 3, 3, 3, 6]);
        assert_eq!(heads(&mut ties.iter().rev()), forwards);
    }
}
