//! The program from outside: its commands, on files and servers of this machine.

mod replay;
mod shared;
mod tidy;
