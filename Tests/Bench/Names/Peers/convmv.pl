# What convmv calls for each name, Perl's Unicode::Normalize, without its walk through a tree.
use strict;
use warnings;
use Encode ();
use Time::HiRes qw(clock_gettime CLOCK_PROCESS_CPUTIME_ID);
use Unicode::Normalize qw(NFC);

open(my $file, '<:raw', $ARGV[0]) or exit 64;
local $/;
my @names = split /\0/, <$file>;
my ($ascii, $composed, $changed);

sub pass {
    my ($take) = @_;
    $ascii = $composed = $changed = 0;
    for my $name (@names) {
        my $result = $name;
        if ($name !~ /[^\0-\x7f]/) {
            $ascii++;
        } else {
            my $text = Encode::decode('UTF-8', my $copy = $name, Encode::FB_CROAK);
            my $form = NFC($text);
            if ($form eq $text) { $composed++ }
            else { $changed++; $result = Encode::encode('UTF-8', $form) }
        }
        $take->($result) if $take;
    }
}

pass();
my $started = clock_gettime(CLOCK_PROCESS_CPUTIME_ID);
pass();
my $took = clock_gettime(CLOCK_PROCESS_CPUTIME_ID) - $started;
my $digest = 14695981039346656037;
pass(sub { use integer; for my $byte (unpack('C*', $_[0] . "\0")) { $digest = ($digest ^ $byte) * 1099511628211 } });
printf qq({"nanoseconds": %d, "ascii": %d, "composed": %d, "changed": %d, "digest": "%x"}\n), $took * 1e9, $ascii, $composed, $changed, $digest;
